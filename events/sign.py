#!/usr/bin/env python3
"""Sign the Stripe events in this folder as Stripe would, with the secret of the local system.

    events/sign.py           signs each stripe event anew at the fixed time (what is committed)
    events/sign.py --now     signs them for this moment, so that a function accepts them (an event older than 300 s is
                             refused); `git checkout events` takes it back
    events/sign.py --check   fails if a committed signature is not the right one

The scheme: https://docs.stripe.com/webhooks#verify-manually
"""

import hashlib
import hmac
import json
import sys
import time
from pathlib import Path

SECRET = b"whsec_local"
FIXED_TIME = 1767268800  # 2026-01-01T12:00:00Z


def signature(body: str, at: int) -> str:
    digest = hmac.new(SECRET, f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def main(option: str | None) -> None:
    at = int(time.time()) if option == "--now" else FIXED_TIME
    for path in sorted(Path(__file__).parent.glob("*-stripe-*.json")):
        request = json.loads(path.read_text())
        right = signature(request["body"], at)
        if option == "--check":
            if request["headers"]["stripe-signature"] != right:
                sys.exit(f"{path}: the signature is not that of the body; run events/sign.py")
            continue
        request["headers"]["stripe-signature"] = right
        path.write_text(json.dumps(request, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
