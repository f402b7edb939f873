"""Starts ministack with what it leaves out of a REST API's authorizers: `context.*` identity sources.

It takes them for absent, so that every request is answered 401. Two functions are wrapped: one remembers the request,
the other reads the sources from it. Whatever else ministack does stays as it is.

It ends, with every function that it runs, when its standard input does: when whoever started it is gone.
"""

import os
import signal
import sys
import threading
from contextvars import ContextVar

from ministack.app import main
from ministack.services import apigateway_v1

request = ContextVar("request")
authorize = apigateway_v1._authorize_request_v1
identity_sources = apigateway_v1._request_identity_sources


async def remember(api_id, stage, method_obj, method, path, resource, headers, *rest):
    # The source address is the one that ministack's authorizer events have.
    address = (apigateway_v1._header_ci(headers, "x-forwarded-for") or "127.0.0.1").split(",")[0].strip()
    request.set({
        "context.apiId": api_id,
        "context.httpMethod": method,
        "context.identity.sourceIp": address,
        "context.path": f"/{stage}{path}",
        "context.resourcePath": resource["path"],
        "context.stage": stage,
    })
    return await authorize(api_id, stage, method_obj, method, path, resource, headers, *rest)


def read(sources, *rest):
    names = [name.strip() for name in (sources or "").split(",") if name.strip()]
    values = [request.get().get(name) or identity_sources(name, *rest)[1][0] for name in names]
    return all(values), values


apigateway_v1._authorize_request_v1 = remember
apigateway_v1._request_identity_sources = read


def end_with_input():
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=end_with_input, daemon=True).start()
    main()
