// While a rehearsal runs: what is being done, fetched again every other second.  Without script the page reloads itself.
"use strict";
const box = document.getElementById("progress");

async function look() {
  try {
    const answer = await fetch(box.dataset.url, { credentials: "same-origin" });
    if (answer.status !== 200 || answer.redirected) {
      location.reload();
      return;
    }
    const text = await answer.text();
    if (text !== box.dataset.last) {
      box.dataset.last = text;
      box.innerHTML = text;
    }
  } catch {
    // The site does not answer just now; it is asked again.
  }
  setTimeout(look, 2000);
}

if (box) {
  setTimeout(look, 2000);
}
