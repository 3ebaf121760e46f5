"""Made from docs/openapi.json by `make clients`: a function for each operation, a class for each schema."""
