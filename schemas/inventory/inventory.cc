#include "schemas/inventory/inventory.h"

#include "schemas/inventory/inventory_state.h"

namespace lockkeeper {

Inventory::Inventory(std::vector<InventoryRule> rules) : impl_(std::make_unique<Impl>(std::move(rules))) {}
Inventory::~Inventory() = default;
Inventory::Inventory(Inventory&&) noexcept = default;
Inventory& Inventory::operator=(Inventory&&) noexcept = default;

Result<void> Inventory::Update(const std::vector<TreeChange>& changes, const ReadBlob& read) {
  auto done = impl_->Update(changes, read);
  // Half an update would be a lie about the rest: start empty, as the header promises.
  if (!done) impl_ = std::make_unique<Impl>(std::move(impl_->source_rules));
  return done;
}

void Inventory::MoveRules(std::vector<InventoryRule> rules) { impl_->MoveRules(std::move(rules)); }

bool Inventory::complete() const { return impl_->complete; }
const std::vector<Cluster>& Inventory::clusters() const { return impl_->list.clusters(); }
const Diagnostics& Inventory::diagnostics() const { return impl_->diagnostics; }

}  // namespace lockkeeper
