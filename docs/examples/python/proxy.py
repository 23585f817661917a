"""Calls to a provider's API through Grantport: the token is put in there, and never comes here."""

from grantport import refusal_of


def through_proxy(grantport, provider, end_user, method, path, headers=None, body=None):
    """The provider's answer to a call for this user, whatever its status. What Grantport itself has to say
    is raised. `path` is as the provider documents it."""
    answer = grantport.send(
        method,
        f"/proxy/{provider}{path}",
        {**(headers or {}), "Grantport-End-User": end_user},
        body,
        # our 429 says that the call was not sent; after our 503 the provider may have acted, which only the
        # caller can weigh
        lambda given: given.status == 429 and not is_providers(given),
    )
    if not is_providers(answer):
        with answer:
            raise refusal_of(answer)
    return answer


def is_providers(answer):
    """A 404 of the provider is an answer; one of ours means that nothing is connected."""
    return answer.headers.get("Grantport-Source") == "provider"
