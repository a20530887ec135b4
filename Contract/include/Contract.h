#pragma once

#include <stddef.h>

/// Bytes in UTF-8 that live as long as the program.
struct remaster_text {
    const unsigned char *bytes;
    size_t length;
};

/// Every operation by method and path below `/api`, as JSON: id, tag, summary, query, body, answers, refusals.
struct remaster_text remaster_contract_operations(void);

/// The query parameters that operations name, as JSON: an OpenAPI schema and a description each.
struct remaster_text remaster_contract_parameters(void);

/// The shapes of bodies, as JSON: OpenAPI 3.1 component schemas. Enumerations of the code are not in it: the code adds them.
struct remaster_text remaster_contract_schemas(void);
