// The parts of the golden test. Each adds its cases to the report.
#pragma once

#include "test/protocol/golden/reference.h"
#include "test/protocol/golden/report.h"
#include "test/protocol/golden/subject.h"

namespace ottla::golden {

// Both ends know the same messages in the same versions.
void compare_catalogs(Reference& reference, Report& report);
// The reference's random messages, decoded and encoded by us.
void compare_from_reference(const Choice& choice, Reference& reference, Report& report);
// Our random messages, decoded and encoded by the reference, and told to it as JSON.
void compare_to_reference(const Choice& choice, Reference& reference, Report& report);
// Messages with one field changed, or null, in every version: refused or encoded alike.
void compare_single_fields(const Choice& choice, Reference& reference, Report& report);
// Header versions of all requests and responses.
void compare_headers(Reference& reference, Report& report);

// What each side does with bytes that nobody should send, one by one.
void compare_named_cases(Reference& reference, Report& report);
// Each comparison finds what is planted in our tables.
void compare_planted(Reference& reference, Report& report);

}  // namespace ottla::golden
