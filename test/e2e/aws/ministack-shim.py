"""Starts ministack with what it leaves out of authorizers. Functions are wrapped; whatever else ministack does stays as it is.

- `context.*` identity sources of a REST API's authorizer. It takes them for absent, so that every request is answered 401.
- The alias in the ARN by which a function is invoked. It names the function, or the version behind the alias.
- The authorizers of a REST API's deployment. It uses those of the API, whichever deployment its stage has.
- `FlushStageAuthorizersCache` of a REST API.

It ends, with every function that it runs, when its standard input does: when whoever started it is gone.
"""

import copy
import os
import signal
import sys
import threading
from contextvars import ContextVar

from ministack.app import main
from ministack.services import apigateway_v1, lambda_svc

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
    deployed = use_deployed(api_id, stage, method_obj, resource)
    return await authorize(api_id, stage, deployed, method, path, resource, headers, *rest)


def read(sources, *rest):
    names = [name.strip() for name in (sources or "").split(",") if name.strip()]
    values = [request.get().get(name) or identity_sources(name, *rest)[1][0] for name in names]
    return all(values), values


create_deployment = apigateway_v1._create_deployment
deployed_methods = {}


def deploy(api_id, data):
    """Creates a deployment with copies of the API's authorizers, which get ids of their own."""
    status, headers, body = create_deployment(api_id, data)
    deployment_id = None if status >= 400 else next(reversed(apigateway_v1._deployments_v1[api_id]))
    authorizers = apigateway_v1._authorizers_v1.get(api_id, {})
    for authorizer_id, authorizer in [one for one in authorizers.items() if "@" not in one[0]]:
        authorizers[f"{authorizer_id}@{deployment_id}"] = copy.deepcopy(authorizer)
    deployed_methods[deployment_id] = {
        (resource_id, verb): method.get("authorizerId")
        for resource_id, resource in apigateway_v1._resources.get(api_id, {}).items()
        for verb, method in resource.get("resourceMethods", {}).items()
    }
    return status, headers, body


def use_deployed(api_id, stage_name, method, resource):
    stage = apigateway_v1._stages_v1.get(api_id, {}).get(stage_name) if isinstance(stage_name, str) else stage_name
    deployment_id = (stage or {}).get("deploymentId")
    key = (resource.get("id"), method.get("httpMethod"))
    authorizer_id = deployed_methods.get(deployment_id, {}).get(key)
    if authorizer_id is None:
        return method
    return {**method, "authorizerId": f"{authorizer_id}@{deployment_id}"}


find_function = lambda_svc._get_func_record_for_ref_in_scope


def find_by_alias(reference, **scope):
    record, config, name = find_function(reference, **scope)
    parts = reference.split(":")
    if config is not None and len(parts) == 8 and parts[5] == "function":
        config = {**config, "FunctionArn": reference}
    return record, config, name


handle = apigateway_v1.handle_request


async def flush_or_handle(method, path, *rest):
    parts = path.strip("/").split("/")
    if method != "DELETE" or parts[2:3] != ["stages"] or parts[4:] != ["cache", "authorizers"]:
        return await handle(method, path, *rest)
    api_id, stage = parts[1], parts[3]
    if stage not in apigateway_v1._stages_v1.get(api_id, {}):
        return apigateway_v1._v1_error("NotFoundException", "Invalid stage identifier specified", 404)
    cache = apigateway_v1._authorizer_cache
    for key in [key for key in cache if key[2] == api_id and key[4] == stage]:
        del cache[key]
    return 202, {}, b""


apigateway_v1._authorize_request_v1 = remember
apigateway_v1._request_identity_sources = read
apigateway_v1._create_deployment = deploy
apigateway_v1.handle_request = flush_or_handle
lambda_svc._get_func_record_for_ref_in_scope = find_by_alias


def end_with_input():
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=end_with_input, daemon=True).start()
    main()
