#include "reconciler/core/icalendar/calendar_text.h"

#include <algorithm>
#include <tuple>

#include "schemas/assert.h"
#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

/// RFC 5545 3.1, without the line's end.
constexpr size_t kLineBytesMax = 75;

/// Folds what does not fit into a line: CRLF and a blank, which counts for the next line.
void AddLine(std::string_view name, std::string_view value, std::string& out) {
  size_t bytes = name.size() + 1;
  out += name;
  out += ':';
  while (!value.empty()) {
    const Utf8Character next = TakeUtf8(value);
    if (bytes + next.bytes.size() > kLineBytesMax) {
      out += "\r\n ";
      bytes = 1;
    }
    out += next.bytes;
    bytes += next.bytes.size();
  }
  out += "\r\n";
}

/// RFC 5545 3.3.11. Control characters have no place in it and become blanks.
std::string Escaped(std::string_view text) {
  std::string out;
  const std::string valid = ToUtf8(text);
  for (char c : valid) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || c == ';' || c == ',') {
      out += '\\';
      out += c;
    } else if (c != '\r') {
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
  return out;
}

void AddText(std::string_view name, std::string_view text, std::string& out) {
  if (!text.empty()) AddLine(name, Escaped(text), out);
}

/// `20260301T070000Z`
std::string UtcTime(Instant instant) {
  LK_ASSERT(IsWritable(instant));
  std::string text = FormatInstant(instant);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

}  // namespace

std::string FormatCalendar(std::string_view name, std::vector<CalendarEntry> entries, Instant stamp) {
  std::ranges::sort(entries, {}, [](const CalendarEntry& entry) { return std::tie(entry.start, entry.uid); });
  std::string out;
  AddLine("BEGIN", "VCALENDAR", out);
  AddLine("VERSION", "2.0", out);
  AddLine("PRODID", "-//lockkeeper//calendar export//EN", out);
  AddLine("CALSCALE", "GREGORIAN", out);
  AddLine("METHOD", "PUBLISH", out);
  AddText("X-WR-CALNAME", name, out);
  for (const CalendarEntry& entry : entries) {
    LK_ASSERT(entry.start <= entry.end);
    AddLine("BEGIN", "VEVENT", out);
    AddText("UID", entry.uid, out);
    AddLine("DTSTAMP", UtcTime(stamp), out);
    AddLine("DTSTART", UtcTime(entry.start), out);
    // RFC 5545 3.6.1: without DTEND it ends when it begins.
    if (entry.end != entry.start) AddLine("DTEND", UtcTime(entry.end), out);
    AddText("SUMMARY", entry.summary, out);
    AddText("DESCRIPTION", entry.description, out);
    AddText("LOCATION", entry.location, out);
    AddText("CATEGORIES", entry.category, out);
    // Nobody is busy because a window is open.
    AddLine("TRANSP", "TRANSPARENT", out);
    AddLine("END", "VEVENT", out);
  }
  AddLine("END", "VCALENDAR", out);
  return out;
}

}  // namespace lockkeeper
