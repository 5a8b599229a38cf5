// A double as Java writes it, which is what the reference shows and stores.
#pragma once

#include <string>

namespace ottla {

// The shortest digits that mean this number: 1.0, 0.001, 1.2E-4, 1.0E7, NaN, -Infinity.
std::string java_text(double value);

}  // namespace ottla
