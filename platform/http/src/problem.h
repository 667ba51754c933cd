#pragma once

#include "platform/http/src/message.h"

namespace nuanshu::http {

/// The HTTP status that says what the error code says.
int status_of(ErrorCode code);

/// An RFC 9457 problem document: type, title, status, detail, and the fields that are wrong.
Response problem(const Failure& failure);

/// A failure by bad fields: "station xc.s01: 2 fields are wrong".
Failure field_failure(std::string_view what, std::vector<records::FieldFault> faults);

}  // namespace nuanshu::http
