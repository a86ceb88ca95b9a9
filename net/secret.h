#pragma once

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <string_view>

namespace lockkeeper {

/// Text that nobody should see. Whatever prints it prints ***, its memory is wiped at the end, and Reveal is
/// for those who send it to whom it is meant for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : text_(text) {}
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret other) noexcept;
  ~Secret();

  const std::string& Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

inline constexpr std::string_view kHiddenText = "***";

inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << kHiddenText; }

}  // namespace lockkeeper

template <>
struct fmt::formatter<lockkeeper::Secret> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const lockkeeper::Secret&, Context& context) const {
    return fmt::formatter<std::string_view>::format(lockkeeper::kHiddenText, context);
  }
};
