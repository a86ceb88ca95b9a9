#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lockkeeper {

/// libfyaml 0.7.12 gives a block scalar that has no lines (`affinity: |` before another key) its siblings for
/// text, unless they begin at column 1. This is a copy of `text`, byte for byte as long, in which the header
/// of every such scalar is a `~` and spaces: the structure then comes out right. nullopt if there is none. It
/// may patch a few more bytes that only look like a header, inside other scalars and comments, where they
/// have no part in the structure: take values from `text` itself.
std::optional<std::string> HideEmptyBlocks(std::string_view text);

}  // namespace lockkeeper
