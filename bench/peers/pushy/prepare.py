#!/usr/bin/env python3
"""Makes secrets for one run of the server, and a client's token signed with them: NAME=VALUE lines for compare.py."""
import base64, hashlib, hmac, json, secrets, time


def b64(b): return base64.urlsafe_b64encode(b).rstrip(b"=").decode()


secret, now = secrets.token_hex(32), int(time.time())
claims = {"sub": "bench", "channels": ["**"], "iat": now, "exp": now + 86400}
body = ".".join(b64(json.dumps(part).encode()) for part in ({"alg": "HS512", "typ": "JWT"}, claims))
print("SECRET=" + secret)
print("CLIENT_SECRET=" + secrets.token_hex(16))
print("TOKEN=" + body + "." + b64(hmac.new(secret.encode(), body.encode(), hashlib.sha512).digest()))
