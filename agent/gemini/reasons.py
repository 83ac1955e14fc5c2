"""What each reason means, in a sentence for people, with what to do where something can be done. Decides nothing by them."""

from __future__ import annotations

from collections.abc import Mapping


_REASONS: Mapping[str, str] = {
    "no_key": "there is no key; get one for nothing at https://aistudio.google.com/apikey, then run `mianjing keys add`",
    "quota_day": "the day's quota is used up",
    "quota_minute": "the minute's quota is used up",
    "quota_zero": "the model is not offered to this project's tier",
    "quota_unnamed": "a quota is used up that the service does not name",
    "model_not_found": "the model does not exist, or no more",
    "model_closed": "the model is closed to projects that never used it",
    "model_denied": "this project may not use the model",
    "key_invalid": "the key is not valid; copy it once more, or make a new one",
    "key_expired": "the key has expired; make a new one",
    "key_leaked": "the key was reported as leaked and is blocked; make a new one, and take the old one out of wherever it was published",
    "key_restricted": "the key's restrictions do not allow this; change them at https://console.cloud.google.com/apis/credentials",
    "project_suspended": "the key's project is suspended",
    "project_denied": "the key's project has been denied access",
    "project_disabled": "the Gemini API is not enabled in the key's project; enable it, then run `mianjing keys check`",
    "credit_gone": "the project's prepaid credit is used up",
    "spend_cap": "the project's monthly spending cap is reached",
    "location": "the service does not serve this location; set HTTPS_PROXY to a proxy elsewhere, or give --base-url",
    "overloaded": "the model is overloaded",
    "internal": "the service has an internal fault",
    "timeout": "the service did not answer in time",
    "unreachable": "the service cannot be reached; look at the network, or at HTTPS_PROXY",
    "untrusted": "the certificate of the address is not trusted: something stands in between; name a proxy's own authority by SSL_CERT_FILE",
    "dropped": "the connection was dropped",
    "garbled": "the answer could not be read",
    "proxy_page": "a page came instead of the service's answer: a proxy or portal stands in between, or the base URL is wrong",
    "redirected": "the address leads elsewhere, and a key is not carried along; look at the base URL",
    "bad_request": "the service refuses the request as it stands",
    "forbidden": "the service refuses the request",
    "schema_too_complex": "the schema of the answer is too complex for this model",
    "too_long": "the request is too long for this model",
    "unknown": "it failed in a way that is not known here",
    "blocked": "the service's filters blocked the post, or the answer to it",
    "recitation": "the service broke the answer off, for repeating published text",
    "cut": "the answer was cut off",
    "malformed": "the answer was malformed",
    "empty": "the answer was empty",
    "busy": "a request in flight must come back first",
    "batch_failed": "the batch job failed",
    "batch_expired": "the batch job was not done in its time",
    "batch_cancelled": "the batch job was cancelled",
    "batch_gone": "the service does not know the batch job any more",
    "batch_full": "the project's queue for batches is full, or another quota of it",
    "batch_key": "the key that submitted it is not at hand",
    "batch_incomplete": "the batch job gave no answer to it",
    "budget": "one more request could pass --budget",
    "max_requests": "as many requests were sent as --max-requests allows",
}


def explain(reason: str) -> str:
    """The sentence for a reason; the code itself where there is none."""
    return _REASONS.get(reason, reason.replace("_", " "))
