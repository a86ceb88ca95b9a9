#include "server/metrics.h"

#include <fmt/format.h>
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "schemas/error_name.h"

namespace lockkeeper {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Label = ClientMetric::Label;

constexpr std::array kErrorKinds{ErrorKind::kInvalid, ErrorKind::kNotFound, ErrorKind::kConflict,
                                 ErrorKind::kDenied, ErrorKind::kTransient};

std::string WordOf(ErrorKind kind) { return std::string{Name(kind)}; }

std::string WordOf(Metrics::RemoteCall call) {
  return call == Metrics::RemoteCall::kFetch ? "fetch" : "publish";
}

ClientMetric Sample(MetricType type, double value, std::vector<Label> labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return metric;
}

/// The families of one answer, in the order in which they are added.
class Exposition {
 public:
  void Add(MetricType type, std::string_view name, std::string_view help, double value,
           std::vector<Label> labels = {}) {
    families_.push_back(Family(type, name, help));
    families_.back().metric.push_back(Sample(type, value, std::move(labels)));
  }

  void Add(MetricType type, std::string_view name, std::string_view help, const char* label,
           const CountByWord& counts) {
    families_.push_back(Family(type, name, help));
    for (const auto& [word, count] : counts)
      families_.back().metric.push_back(Sample(type, static_cast<double>(count), {{label, word}}));
  }

  void Add(MetricType type, std::string_view name, std::string_view help, const char* first,
           const char* second, const CountByWords& counts) {
    families_.push_back(Family(type, name, help));
    for (const auto& [words, count] : counts) {
      families_.back().metric.push_back(
          Sample(type, static_cast<double>(count), {{first, words.first}, {second, words.second}}));
    }
  }

  void AddTimestamp(std::string_view name, std::string_view help, const std::optional<Instant>& at) {
    if (at) Add(MetricType::Gauge, name, help, static_cast<double>(at->time_since_epoch().count()));
  }

  void AddHistogram(std::string_view name, std::string_view help, const ClientMetric::Histogram& histogram) {
    families_.push_back(Family(MetricType::Histogram, name, help));
    families_.back().metric.emplace_back().histogram = histogram;
  }

  std::string Text() const {
    // A family without samples would be a heading without a text.
    std::vector<MetricFamily> filled;
    std::ranges::copy_if(families_, std::back_inserter(filled),
                         [](const MetricFamily& family) { return !family.metric.empty(); });
    return prometheus::TextSerializer().Serialize(filled);
  }

 private:
  static MetricFamily Family(MetricType type, std::string_view name, std::string_view help) {
    MetricFamily family;
    family.type = type;
    family.name = fmt::format("lockkeeper_{}", name);
    family.help = help;
    return family;
  }

  std::vector<MetricFamily> families_;
};

constexpr MetricType kCounter = MetricType::Counter;
constexpr MetricType kGauge = MetricType::Gauge;

void AddFleet(const FleetMetrics& fleet, Exposition& out) {
  out.Add(kGauge, "decisions", "Decisions of the last plan, one for each cluster of each upgrade.", "action",
          fleet.decisions);
  out.Add(kGauge, "held_decisions",
          "Decisions that wait or are blocked, by the first gate that does not pass.", "gate", "verdict",
          fleet.held);
  out.Add(kGauge, "clusters", "Clusters of the inventory: running, pending (an upgrade wants them) or idle.",
          "state", fleet.clusters);
  out.Add(kGauge, "upgrades", "Upgrades by state.", "state", fleet.upgrades);
  out.Add(kGauge, "upgrade_clusters", "Clusters of an upgrade by state, or outcome once finished.", "upgrade",
          "state", fleet.upgrade_clusters);
  out.Add(kGauge, "outcomes",
          "How the parts of clusters in upgrades ended, of all that the status files hold.", "outcome",
          fleet.outcomes);
  out.Add(kGauge, "locks", "ClusterLocks: active, future or expired.", "state", fleet.locks);
  out.Add(kGauge, "schedules", "MaintenanceSchedules: open, closed or broken.", "state", fleet.schedules);
  out.Add(kGauge, "tasks", "Due dates of MaintenanceTasks: open, overdue or done.", "state", fleet.tasks);
  out.Add(kGauge, "findings", "What is wrong (error) or odd (warning) in the repository's files.", "severity",
          fleet.findings);
  out.AddTimestamp("next_wake_timestamp_seconds",
                   "When time alone changes the plan next; absent: only a commit changes it.",
                   fleet.next_wake);
}

}  // namespace

Metrics::Metrics(std::string version) : version_(std::move(version)) {
  // A counter that appears with its first event hides that event from rate().
  passes_["success"] = 0;
  for (ErrorKind kind : kErrorKinds) {
    passes_[WordOf(kind)] = 0;
    for (RemoteCall call : {RemoteCall::kFetch, RemoteCall::kPublish})
      remote_errors_[{WordOf(call), WordOf(kind)}] = 0;
  }
}

void Metrics::CountPass(const Pass& pass) {
  const std::scoped_lock lock(mutex_);
  ++passes_[pass.error ? WordOf(*pass.error) : "success"];
  const double seconds = pass.duration.count();
  const auto bucket = std::ranges::lower_bound(kPassBuckets, seconds) - kPassBuckets.begin();
  ++pass_buckets_[static_cast<size_t>(bucket)];
  pass_seconds_ += seconds;
  bumps_ += pass.bumps;
  commits_ += pass.commits;
  retries_ += pass.retries;
  if (!pass.error) passed_at_ = pass.at;
}

void Metrics::SetFleet(FleetMetrics fleet) {
  const std::scoped_lock lock(mutex_);
  fleet_ = std::move(fleet);
}

void Metrics::SetFetched(Instant at) {
  const std::scoped_lock lock(mutex_);
  fetched_at_ = at;
}

void Metrics::CountRemoteError(RemoteCall call, ErrorKind kind) {
  const std::scoped_lock lock(mutex_);
  ++remote_errors_[{WordOf(call), WordOf(kind)}];
}

void Metrics::CountWebhook(std::string_view forge, std::string_view result) {
  const std::scoped_lock lock(mutex_);
  ++webhooks_[{std::string{forge}, std::string{result}}];
}

void Metrics::CountRequest(std::string_view route, int status) {
  const std::scoped_lock lock(mutex_);
  ++requests_[{std::string{route}, fmt::format("{}xx", status / 100)}];
}

std::string Metrics::Text() const {
  Exposition out;
  const std::scoped_lock lock(mutex_);
  out.Add(kGauge, "build_info", "1, for the program's version.", 1, {{"version", version_}});
  out.Add(kCounter, "passes_total", "Passes, by how they ended: success, or the kind of error.", "result",
          passes_);
  ClientMetric::Histogram histogram;
  for (size_t i = 0; i < pass_buckets_.size(); ++i) {
    histogram.sample_count += pass_buckets_[i];
    const double bound = i < kPassBuckets.size() ? kPassBuckets[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({.cumulative_count = histogram.sample_count, .upper_bound = bound});
  }
  histogram.sample_sum = pass_seconds_;
  out.AddHistogram("pass_duration_seconds", "How long passes took, from the fetch to the end.", histogram);
  out.AddTimestamp("last_pass_timestamp_seconds", "When the last pass that ended well began.", passed_at_);
  out.Add(kCounter, "retries_total", "Times that a pass was beaten by another commit and decided anew.",
          static_cast<double>(retries_));
  out.Add(kCounter, "bumps_total", "Clusters whose refs this process changed.", static_cast<double>(bumps_));
  out.Add(kCounter, "commits_total", "Commits that this process put on the branch.",
          static_cast<double>(commits_));
  out.AddTimestamp("last_fetch_timestamp_seconds", "When the remote was read last with success.",
                   fetched_at_);
  out.Add(kCounter, "remote_errors_total", "Calls to the remote that failed, by the kind of error.",
          "operation", "kind", remote_errors_);
  if (fleet_) AddFleet(*fleet_, out);
  out.Add(kCounter, "webhook_deliveries_total", "Webhooks that arrived, by forge and what became of them.",
          "forge", "result", webhooks_);
  out.Add(kCounter, "http_requests_total", "Answers of the HTTP server, by route and class of status.",
          "route", "code", requests_);
  return out.Text();
}

}  // namespace lockkeeper
