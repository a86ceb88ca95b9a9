#include "reconciler/core/audit/violation.h"

#include <array>

namespace lockkeeper {
namespace {

struct Words {
  std::string_view name;
  std::string_view advice;
};

constexpr std::array<Words, kAuditCodeCount> kWords{{
    {"not-allowed",
     "Find out who made the commit: lockkeeper decides so at no time. 'lockkeeper explain CLUSTER' shows the "
     "gates now."},
    {"not-decided",
     "Find out who made the commit. What it records counts until a later record says otherwise; a changed "
     "spec of the "
     "upgrade asks everything anew."},
    {"not-in-diff",
     "'git show COMMIT' has the files; set the release to what it should be, and commit that."},
    {"unexpected-change",
     "'git show COMMIT' has what came along. Lockkeeper never touches anything else, so somebody amended or "
     "forged it."},
    {"altered-status", "'lockkeeper status rebuild' writes the status again from the history."},
    {"wrong-date", "Somebody amended, rebased or forged it; the branch's reflog at the server may tell who."},
    {"wrong-base",
     "Somebody rebased, cherry-picked or forged it. Do not rebase lockkeeper's commits; merge instead."},
    {"wrong-author", "Only lockkeeper may write these trailers. See who may push to the branch."},
    {"unreadable-trailers",
     "They count for nothing: 'lockkeeper status rebuild' makes the status without them."},
}};

}  // namespace

std::string_view Name(AuditCode code) { return kWords[static_cast<size_t>(code)].name; }
std::string_view Advice(AuditCode code) { return kWords[static_cast<size_t>(code)].advice; }

}  // namespace lockkeeper
