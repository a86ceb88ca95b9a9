#pragma once

namespace lockkeeper {

/// Makes the three standard descriptors safe to use whatever the caller left of them: a closed one must not
/// become the number of a file that we open later, and a reader that goes away must not kill us.
void SecureStandardStreams();

}  // namespace lockkeeper
