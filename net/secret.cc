#include "net/secret.h"

#include <cstring>
#include <utility>

namespace lockkeeper {

// A short string lies in the object itself, so a move leaves a copy behind.
Secret::Secret(Secret&& other) noexcept : text_(other.text_) {
  ::explicit_bzero(other.text_.data(), other.text_.size());
  other.text_.clear();
}

Secret& Secret::operator=(Secret other) noexcept {
  text_.swap(other.text_);
  return *this;
}

Secret::~Secret() { ::explicit_bzero(text_.data(), text_.size()); }

}  // namespace lockkeeper
