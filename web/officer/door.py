"""The way in and out, and what waits."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from web.officer.access import database, drop_session

door = Blueprint("door", __name__)


@door.get("/")
def home() -> str:
    """What waits for you."""
    return render_template("home.html")


@door.get("/login")
def login() -> str:
    """Name, password, code."""
    return render_template("login.html")


@door.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session."""
    drop_session(database())
    return redirect(url_for("door.login"))
