#pragma once

#include "schemas/instant.h"

namespace lockkeeper {

/// What the system's clock shows. Nothing else in the program reads it; everybody else is handed the instant.
Instant ReadClock();

}  // namespace lockkeeper
