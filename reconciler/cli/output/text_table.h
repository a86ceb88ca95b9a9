#pragma once

#include <string>
#include <vector>

#include "reconciler/cli/output/style.h"

namespace lockkeeper {

struct Cell {
  std::string text;
  Paint paint = Paint::kPlain;
};

/// Columns under headings, aligned by what a terminal shows, two spaces apart, nothing after the last. Cells
/// are made fit for a terminal (ForTerminal). A column that is empty in every row is left out.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  /// As many cells as there are headings.
  void Add(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }
  /// Ends with a line end; empty where there is no row.
  std::string Render(const Style& style) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace lockkeeper
