#include "schemas/assert.h"
