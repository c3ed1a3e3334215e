"""What a secret may look like where it must not be."""

from __future__ import annotations

import base64


def disguises(secret: str) -> list[bytes]:
    """As text, in hexadecimal as PostgreSQL writes bytes, and in base64 wherever it may begin."""
    raw = secret.encode()
    found = [raw, raw.hex().encode()]
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw)
        # Without the characters that its neighbours have a part in.
        found.append(encoded[4 if shift else 0 : (shift + len(raw)) // 3 * 4])
    return found
