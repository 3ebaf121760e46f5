import type { components } from "../generated/schema.js";
export type Schemas = components["schemas"];
export type StartVerification = Schemas["StartVerification"];
export type Verification = Schemas["Verification"];
export type Delivery = Schemas["Delivery"];
export type FieldError = Schemas["FieldError"];
/** Any event, also of a type that is newer than this client. */
export type Event = Schemas["Event"];
