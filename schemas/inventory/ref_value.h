#pragma once

#include <string>
#include <string_view>

#include "schemas/inventory/ref_format.h"
#include "schemas/inventory/text_pool.h"
#include "schemas/kinds/cluster.h"

namespace lockkeeper {

/// Sets `version` and `format` of a ref from its `value`, or its problem: missing (empty), encrypted,
/// templated, floating or unparsable.
void JudgeRefValue(const RefFormat& format, std::string_view written_format, TextPool& texts, Ref& ref);

/// Text that some other program fills in before it is used: `${NAME}`, `{{ name }}`, `$(NAME)`.
bool IsTemplated(std::string_view text);
/// A value that SOPS encrypted.
bool IsEncrypted(std::string_view text);
/// Names no single release: `latest`, a branch, a range, `1.x`.
bool IsFloating(std::string_view text);

}  // namespace lockkeeper
