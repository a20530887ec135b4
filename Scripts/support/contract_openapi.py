"""Writes the project's contract (Tests/APITests/Fixtures/contract.json) as an OpenAPI document, for generators of clients.

usage: contract_openapi.py CONTRACT >OPENAPI
"""

import json
import sys


def schema(node: dict) -> dict:
    """A type of the contract, which is JSON Schema but for references."""
    if "ref" in node:
        return {"$ref": f"#/components/schemas/{node['ref']}"}
    kept = {name: value for name, value in node.items() if name not in ("limitSource", "items", "name", "in", "required")}
    if kept.get("type") == "any":
        del kept["type"]
    if "items" in node:
        kept["items"] = schema(node["items"])
    return kept


def component(name: str, schemas: dict) -> dict:
    node = schemas[name]
    if node["kind"] == "enum":
        return {"type": node["type"], "enum": node["enum"]}
    if "oneOf" in node:
        mapping = {value: f"#/components/schemas/{target}" for value, target in node["discriminator"]["mapping"].items()}
        return {
            "oneOf": [schema({"ref": target}) for target in node["oneOf"]],
            "discriminator": {"propertyName": node["discriminator"]["propertyName"], "mapping": mapping},
        }
    # A child has the parent's members too.
    parent = schemas[node["extends"]] if "extends" in node else {"properties": {}, "required": []}
    members = parent["properties"] | node["properties"]
    found = {"type": "object", "properties": {member: schema(value) for member, value in members.items()}}
    required = [*parent["required"], *node["required"]]
    return found | ({"required": required} if required else {})


def operation(node: dict) -> dict:
    def content(value: dict) -> dict:
        return {"content": {"application/json": {"schema": schema(value)}}}

    found = {
        "operationId": node["operationId"],
        "tags": [node["tag"]],
        "security": [{name: []} for name in node["auth"]],
        "parameters": [
            {"name": item["name"], "in": item["in"], "required": item["required"], "schema": schema(item)} for item in node["parameters"]
        ],
        "responses": {
            status: {"description": status} | (content(value) if value else {}) for status, value in node["responses"].items()
        },
    }
    if node["requestBody"]:
        found["requestBody"] = {"required": node["requestBodyRequired"]} | content(node["requestBody"])
    return found


def main() -> None:
    with open(sys.argv[1]) as file:
        contract = json.load(file)
    paths: dict = {}
    for node in contract["operations"]:
        paths.setdefault(node["path"], {})[node["method"].lower()] = operation(node)
    json.dump(
        {
            "openapi": "3.0.3",
            "info": {"title": "Contract", "version": contract["apiVersion"]},
            "servers": [{"url": url} for url in contract["servers"]],
            "paths": paths,
            "components": {
                "schemas": {name: component(name, contract["schemas"]) for name in contract["schemas"]},
                "securitySchemes": contract["securitySchemes"],
            },
        }, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
