#include "reconciler/cli/output/text_table.h"

#include <algorithm>

#include "reconciler/cli/output/display_width.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

// One overlong cell must not push the other columns out of sight: it only pushes its own row.
constexpr size_t kAlignedWidthMax = 60;
constexpr size_t kGap = 2;

}  // namespace

void TextTable::Add(std::vector<Cell> cells) {
  LK_ASSERT(cells.size() == headings_.size());
  for (Cell& cell : cells) cell.text = ForTerminal(cell.text);
  rows_.push_back(std::move(cells));
}

std::string TextTable::Render(const Style& style) const {
  if (rows_.empty()) return "";
  const size_t columns = headings_.size();
  std::vector<size_t> widths(columns, 0);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < columns; ++i) {
      const size_t width = DisplayWidth(row[i].text);
      if (width <= kAlignedWidthMax || widths[i] == 0)
        widths[i] = std::max(widths[i], std::min(width, kAlignedWidthMax));
    }
  }
  std::vector<size_t> shown;
  for (size_t i = 0; i < columns; ++i) {
    if (widths[i] == 0) continue;
    widths[i] = std::max(widths[i], DisplayWidth(headings_[i]));
    shown.push_back(i);
  }
  std::string out;
  auto add_line = [&](auto cell_of) {
    size_t pending = 0;
    for (size_t i : shown) {
      const Cell& cell = cell_of(i);
      const size_t width = DisplayWidth(cell.text);
      if (width != 0) {
        out.append(pending, ' ');
        out += style(cell.paint, cell.text);
        pending = 0;
      }
      pending += (width < widths[i] ? widths[i] - width : 0) + kGap;
    }
    out += '\n';
  };
  Cell heading;
  add_line([&](size_t i) -> const Cell& { return heading = {headings_[i], Paint::kBold}; });
  for (const auto& row : rows_) add_line([&](size_t i) -> const Cell& { return row[i]; });
  return out;
}

}  // namespace lockkeeper
