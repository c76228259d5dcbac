"""Signing in with a password, and who asks: `current_actor()`.

Flask-Security does sessions, hashing and the login view; what is ours is put under it here:

- accounts are read and written by the use cases of `identity.people`, so nothing of Flask-Security
  opens a database session or commits
- one field takes login name or e-mail address; what is wrong is told in one sentence, with the
  status 401, and 429 while the name is locked after too many failures
- no registration, no recovery by mail, no JSON sign-in, no "remember me", no other token than those
  of `web.tokens`
- a request that a session cookie vouches for must carry a CSRF token when it is unsafe; a request
  with a bearer token needs none and gets nothing from a cookie

Cookies are HttpOnly and SameSite=Lax, and where the service's own address is https, Secure with the
`__Host-` prefix. A session ends after twelve hours without a request.

The template `security/login_user.html` gets `login_user_form` with the fields `csrf_token`, `next`,
`username` (login name or e-mail address), `password`, `submit`; what went wrong stands in
`login_user_form.form_errors`.
"""

from __future__ import annotations

import hmac
import math
import re
from datetime import timedelta
from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    after_this_request,
    current_app,
    g,
    request,
    session,
)
from flask_security import LoginForm, RoleMixin, Security, UserMixin, current_user
from flask_security.datastore import UserDatastore
from flask_security.signals import user_authenticated
from flask_security.utils import hash_password
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from flask_wtf.csrf import CSRFProtect  # type: ignore[import-untyped]
from wtforms import StringField  # type: ignore[import-untyped]
from wtforms.validators import DataRequired, Length  # type: ignore[import-untyped]

from identity.actor import Actor
from identity.people import passwords
from identity.people.model import (
    Credentials,
    FailedSignIn,
    SetPassword,
    Standing,
    SuccessfulSignIn,
    acting,
    login_name,
    standings,
)
from identity.people.service import (
    find_credentials,
    memberships_of,
    note_failed_sign_in,
    note_sign_in,
    refresh_password_hash,
    session_credentials,
    sign_in_locked,
)
from identity.refusals import IdentityRefusal
from runtime.key_file import read_key_file
from runtime.refusal import Reason, refuse
from web import tokens
from web.face import is_https
from web.language import current_language
from web.node import current_node

IDLE_MAX = timedelta(hours=12)
SIGN_IN_PATH = "/console/sign-in"
SIGN_OUT_PATH = "/console/sign-out"
AFTER_SIGN_IN = "/console/"

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_NAME_MAX = 254
_NAME_PREFIX = b"ecotrace/sign-in-name/v1\x00"
_LOCAL_PATH = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?")
_STANDING = "standing"

csrf = CSRFProtect()


class SignedIn(UserMixin):
    """An account as Flask-Security handles it: a copy, not a row."""

    fs_uniquifier = ""

    def __init__(self, credentials: Credentials) -> None:
        self.person = credentials.person
        self.active = credentials.active
        self.fs_uniquifier = credentials.session_name
        self.password = credentials.password_hash


class Accounts(UserDatastore):
    """The accounts, as Flask-Security asks for them; every change is a use case of its own."""

    def __init__(self) -> None:
        super().__init__(SignedIn, RoleMixin)

    def find_user(self, case_insensitive: bool = False, **named: Any) -> SignedIn | None:
        """Return the account that a session cookie names, None for any other question."""
        session_name = named.get("fs_uniquifier")
        if session_name is None:
            return None
        with current_node().database.read() as database:
            found = session_credentials(database, str(session_name))
        return None if found is None else SignedIn(found)

    def put(self, user: SignedIn) -> SignedIn:
        """Keep a password hash that Flask-Security has just renewed."""
        command = SetPassword(user.person, user.password or "")
        current_node().unit.run(refresh_password_hash, command, actor=acting(user.person, None))
        return user

    def commit(self) -> None:
        """Do nothing: what was put is committed already."""


class SignInForm(LoginForm):
    """Login name or e-mail address, and password. The steps of `validate`, in this order:

    1. the CSRF token and the length of what was typed
    2. a name that is locked is refused before its password is looked at
    3. the account is looked up, and the password or, without an account, nothing is hashed
    4. a failure is counted against the name, a success forgets its failures
    """

    email = None
    remember = None
    username = StringField("username", validators=[DataRequired(), Length(max=_NAME_MAX)])

    def validate(self, **kwargs: Any) -> bool:
        """Whether somebody may sign in with what was typed; `user` is then set."""
        if not FlaskForm.validate(self, **kwargs):
            return self._refused(IdentityRefusal.SIGN_IN_FAILED)
        digest = _name_digest(self.username.data)
        if (minutes := _locked_minutes(digest)) is not None:
            return self._refused(IdentityRefusal.SIGN_IN_LOCKED, minutes=minutes)
        node = current_node()
        with node.database.read() as database:
            found = find_credentials(database, self.username.data)
        if found is None or not _password_fits(found, self.password.data):
            command = FailedSignIn(digest, None if found is None else found.person)
            node.unit.run(note_failed_sign_in, command, actor=_NOBODY)
            return self._refused(IdentityRefusal.SIGN_IN_FAILED)
        actor = acting(found.person, None)
        node.unit.run(note_sign_in, SuccessfulSignIn(found.person, digest), actor=actor)
        self.user, self.ifield, self.user_authenticated = SignedIn(found), self.username, True
        return True

    def _refused(self, code: IdentityRefusal, **numbers: int) -> bool:
        """Show one sentence, and answer with its status."""
        reason = Reason(code, None, numbers)
        self.form_errors = [reason.text(current_language())]

        @after_this_request
        def with_status(response: Response) -> Response:
            response.status_code = code.sentence.status
            return response

        return False


_NOBODY = Actor(party=None, person=None)


def _name_digest(typed: str) -> bytes:
    """Return by what failures of a name are counted; without the key nobody learns the name."""
    key = current_app.config["SECRET_KEY"]
    return hmac.digest(key, _NAME_PREFIX + login_name(typed).encode("utf-8", "replace"), "sha256")


def _locked_minutes(digest: bytes) -> int | None:
    """Return for how many minutes, rounded up, a name is locked; None when it is not."""
    node = current_node()
    now = node.clock.now()
    with node.database.read() as database:
        until = sign_in_locked(database, digest, now)
    return None if until is None else math.ceil((until - now) / timedelta(minutes=1))


def _password_fits(found: Credentials | None, password: str) -> bool:
    """Whether the password belongs to an active account; without one as much time is spent."""
    normal = passwords.normal(password)
    if found is None or found.password_hash is None:
        hash_password(normal)
        return False
    fits: bool = SignedIn(found).verify_and_update_password(normal)
    return fits and found.active


def _on_signed_in(app: Flask, **_about: Any) -> None:
    """Begin a session that ends by itself, standing nowhere in particular."""
    session.permanent = True
    session.pop(_STANDING, None)


def current_actor() -> Actor:
    """Return who asks. Raises Refusal: NOT_SIGNED_IN, TOKEN_REFUSED."""
    actor = visitor()
    if actor is None:
        refuse(IdentityRefusal.NOT_SIGNED_IN)
    return actor


def visitor() -> Actor | None:
    """Return who asks, None for a stranger. Raises Refusal TOKEN_REFUSED."""
    if "actor" not in g:
        g.actor = tokens.bearer_actor() or _person_acting()
    actor: Actor | None = g.actor
    return actor


def _person_acting() -> Actor | None:
    """Return the signed-in person, in the standing that was chosen or in the oldest."""
    if tokens.bearer_token() is not None or not current_user.is_authenticated:
        return None
    open_to = my_standings()
    chosen = session.get(_STANDING)
    fitting = [each for each in open_to if [each.party, each.region] == chosen]
    return acting(current_user.person, next(iter(fitting or open_to), None))


def my_standings() -> tuple[Standing, ...]:
    """Return for whom, and where, the signed-in person may act now; empty for a stranger."""
    if not current_user.is_authenticated:
        return ()
    node = current_node()
    with node.database.read() as database:
        held = memberships_of(database, current_user.person)
    return standings(held, node.clock.now())


def choose_standing(party: str, region: str | None) -> None:
    """Act for this party and region from now on. Raises Refusal NOT_ALLOWED."""
    if not any((each.party, each.region) == (party, region) for each in my_standings()):
        refuse(IdentityRefusal.NOT_ALLOWED)
    session[_STANDING] = [party, region]
    g.pop("actor", None)


def _guard() -> None:
    """Refuse an unsafe request that only a cookie vouches for and that carries no CSRF token."""
    if tokens.bearer_token() is not None:
        g.csrf_valid = True
    elif request.method not in _SAFE_METHODS and current_user.is_authenticated:
        csrf.protect()


def _guard_sign_in() -> None:
    """Take forms only, and send nobody elsewhere after signing in or out."""
    if request.method not in _SAFE_METHODS and request.mimetype not in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
    ):
        abort(415)
    for target in request.values.getlist("next"):
        if target and not _LOCAL_PATH.fullmatch(target):
            abort(400)


def _unkept(response: Response) -> Response:
    """Let nobody keep a page of signing in."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def settings_of(https: bool) -> dict[str, Any]:
    """Return the settings of Flask, Flask-WTF and Flask-Security, on https or not."""
    return {
        "SESSION_COOKIE_NAME": "__Host-session" if https else "session",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": IDLE_MAX,
        "REMEMBER_COOKIE_SECURE": https,
        "REMEMBER_COOKIE_HTTPONLY": True,
        # The token lives as long as its session; pages send no Referer that could be compared.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "SECURITY_LOGIN_URL": SIGN_IN_PATH,
        "SECURITY_LOGOUT_URL": SIGN_OUT_PATH,
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_LOGOUT_CSRF": True,
        "SECURITY_POST_LOGIN_VIEW": AFTER_SIGN_IN,
        "SECURITY_POST_LOGOUT_VIEW": SIGN_IN_PATH,
        # Below zero there is no page for typing the password once more (its address is ours).
        "SECURITY_FRESHNESS": timedelta(seconds=-1),
        "SECURITY_FLASH_MESSAGES": False,
        # It would write `no-store=True`, which is no directive; `_unkept` writes it right.
        "SECURITY_CACHE_CONTROL": None,
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"login": {"mapper": login_name}}],
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_PASSWORD_NORMALIZE_FORM": passwords.FORM,
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__memory_cost": passwords.MEMORY_KIB,
            "argon2__time_cost": passwords.PASSES,
            "argon2__parallelism": passwords.LANES,
        },
    }


def install(app: Flask) -> None:
    """Let people sign in. The application must have its node already (`web.face.prepare`)."""
    node_settings = app.extensions["ecotrace"].settings
    app.config.update(settings_of(is_https(node_settings.base_url)))
    app.config["SECRET_KEY"] = read_key_file(node_settings.secret_key_file)
    csrf.init_app(app)
    security = Security(app, Accounts(), login_form=SignInForm)
    security.want_json(lambda _request: False)
    # Flask-Security would also take its own tokens, from a header or even from the address.
    security.login_manager.request_loader(lambda _request: None)
    # The address of a phone changes on the way; a session is not bound to one.
    security.login_manager.session_protection = None
    app.before_request(_guard)
    app.before_request_funcs.setdefault("security", []).append(_guard_sign_in)
    app.after_request_funcs.setdefault("security", []).append(_unkept)
    user_authenticated.connect(_on_signed_in, app)
