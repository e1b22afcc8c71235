// The form and the text in step: a change of one is sent to be checked, and the other follows.
(() => {
  const form = document.querySelector("form.editor[data-check]");
  if (!form) return;
  const text = form.elements.text, base = form.elements.base, gutter = form.querySelector(".gutter");
  const state = form.querySelector(".state"), boxes = (id) => document.getElementById(id);
  let timer = 0, round = 0;

  const number = (lines) => {
    const bad = new Set(lines);
    gutter.replaceChildren(...text.value.split("\n").flatMap((_, i) => {
      const line = document.createElement("span");
      line.textContent = (bad.has(i + 1) ? "● " : "") + (i + 1);
      if (bad.has(i + 1)) line.className = "bad";
      return [line, "\n"];
    }));
    text.rows = text.value.split("\n").length + 2;
  };

  const names = (root) => [...root.querySelectorAll("[name^='/'], button[name=do]")]
    .map((e) => e.name + e.type + (["radio", "checkbox", "submit"].includes(e.type) ? e.value : "")).join("\n");

  // The form itself is only exchanged where it has other fields or the text was changed: whoever types keeps the focus.
  const follow = (answer, side) => {
    const made = document.createElement("div");
    made.innerHTML = answer.form;
    if (side === "text" || names(made) !== names(boxes("form"))) {
      const held = document.activeElement?.id;
      for (const old of boxes("form").querySelectorAll("details[id]")) {
        const now = made.querySelector(`[id="${old.id}"]`);
        if (now) now.open = now.open || old.open;
      }
      boxes("form").replaceChildren(...made.childNodes);
      if (side === "form" && held) document.getElementById(held)?.focus();
    } else {
      const wrongs = new Map([...made.querySelectorAll(".wrongs")].map((e) => [e.dataset.at, e]));
      for (const old of boxes("form").querySelectorAll(".wrongs")) {
        const now = wrongs.get(old.dataset.at);
        old.closest(".field")?.classList.toggle("bad", now.childElementCount > 0);
        old.replaceChildren(...now.childNodes);
      }
    }
    if (side === "form") text.value = answer.text;
    base.value = answer.text;
    boxes("problems").innerHTML = answer.problems;
    boxes("changes").innerHTML = answer.changes;
    number(answer.lines);
  };

  const check = async (side, pressed) => {
    const mine = ++round, sent = new URLSearchParams(new FormData(form));
    sent.set("side", side);
    sent.set("do", pressed || "check");
    state.textContent = state.dataset.checking;
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: sent, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error();
      const found = await answer.json();
      if (mine !== round) return;
      follow(found, side);
      state.textContent = found.readable ? state.dataset.step : "";
    } catch {
      if (mine === round) state.textContent = state.dataset.lost;
    }
  };

  const soon = (side) => { round++; clearTimeout(timer); timer = setTimeout(check, 350, side); };
  form.addEventListener("input", (event) => {
    if (event.target === text) { number([]); soon("text"); } else if (event.target.name?.startsWith("/")) soon("form");
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=do]");
    if (button && /^(add|remove):/.test(button.value)) {
      event.preventDefault();
      clearTimeout(timer);
      check("form", button.value);
    }
    const link = event.target.closest("a[data-line]");
    if (link) {
      const lines = text.value.split("\n"), at = Number(link.dataset.line) - 1;
      const start = lines.slice(0, at).join("\n").length + (at ? 1 : 0);
      event.preventDefault();
      text.focus();
      text.setSelectionRange(start, start + (lines[at] || "").length);
      const sheet = text.parentElement, high = text.scrollHeight / Math.max(text.rows, 1);
      sheet.scrollTop = Math.max(0, (at - 5) * high);
    }
  });
  // What is saved is what both sides show: the one that was changed last has been followed by the other, or counts.
  let last = "text";
  form.addEventListener("input", (event) => { last = event.target === text ? "text" : "form"; });
  form.addEventListener("submit", () => {
    if (form.elements.side) return;
    const side = document.createElement("input");
    side.type = "hidden"; side.name = "side"; side.value = last;
    form.append(side);
  });
  for (const e of form.querySelectorAll(".without-script")) e.hidden = true;
  number((form.dataset.lines || "").split(" ").map(Number));
})();
