#include "Contract.h"

static const unsigned char operations[] = {
#embed "operations.json"
};
static const unsigned char parameters[] = {
#embed "parameters.json"
};
static const unsigned char schemas[] = {
#embed "schemas.json"
};

struct remaster_text remaster_contract_operations(void) { return (struct remaster_text){operations, sizeof operations}; }
struct remaster_text remaster_contract_parameters(void) { return (struct remaster_text){parameters, sizeof parameters}; }
struct remaster_text remaster_contract_schemas(void) { return (struct remaster_text){schemas, sizeof schemas}; }
