"""How Schemathesis signs in. Loaded by schemathesis.toml.

Signing out and ending sessions are operations like any other, so that the token goes now and then; a 401 brings a new
one. Wrong passwords are tried by the dozen meanwhile, from this one network, which is then made to wait: the local
system's clock is moved on first, as if we had.
"""

import os

import requests
import schemathesis

URL = os.environ["SCHEMATHESIS_URL"]
CREDENTIALS = {"email": "schemathesis@example.com", "password": "a-long-enough-passphrase"}


def post(path: str, body: dict) -> dict:
    answer = requests.post(URL + path, json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()


class SignedIn:
    def __init__(self) -> None:
        self.signed_up = False

    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
        if not self.signed_up:
            self.signed_up = True
            return post("/api/auth/signup", CREDENTIALS)["token"]
        post("/_local/clock", {"advance": "PT15M"})
        return post("/api/auth/signin", CREDENTIALS)["token"]

    def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


if os.environ["SCHEMATHESIS_CALLER"] == "somebody":
    schemathesis.auth(refresh_interval=3600, retry_on=[401])(SignedIn)
