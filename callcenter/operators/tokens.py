"""Bearer tokens: made once, stored as a SHA-256 digest, found by it."""

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from callcenter.operators.models import ApiToken, Operator

PREFIX_LENGTH = 8
USE_NOTED_EVERY = timedelta(minutes=1)


def new_token(kind: str) -> str:
    """A fresh token of 256 random bits; ``kind`` in front ("op_") tells people what they found in a file."""
    return kind + secrets.token_urlsafe(32)


def digest(plaintext: str) -> str:
    """SHA-256 in hex. A token is random and long, so a slow, salted hash would only cost time."""
    return hashlib.sha256(plaintext.encode()).hexdigest()


def issue(operator: Operator, name: str) -> tuple[ApiToken, str]:
    """Make a token; the second value is its text, which nobody can read again."""
    plaintext = new_token("op_")
    token = ApiToken.objects.create(operator=operator, name=name, digest=digest(plaintext), prefix=plaintext[:PREFIX_LENGTH])
    return token, plaintext


def find(plaintext: str) -> Operator | None:
    """The active operator whose valid token this is, else None. Notes the use, at most once a minute."""
    token = ApiToken.objects.select_related("operator").filter(digest=digest(plaintext), revoked_at=None, operator__is_active=True).first()
    if token is None:
        return None
    note_use(token)
    return token.operator


def note_use(token: ApiToken) -> None:
    """Keep ``last_used_at`` about right without a write per request."""
    now = timezone.now()
    if token.last_used_at is not None and now - token.last_used_at < USE_NOTED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def revoke(token: ApiToken) -> None:
    """From now on the token opens nothing; revoking twice keeps the first time."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
