// The line to the terminal's side of the harness: one text line asked, one answered.
// Answer: `ok` or `error`, then rows behind RS (0x1e); a row is `NAME=value` fields behind TAB.
#pragma once
#include <map>
#include <vector>
#include "mql5.hpp"

namespace mql5 {

class Row {
 public:
  std::map<std::string, std::string> fields;
  const std::string& text(const std::string& name) const;
  long whole(const std::string& name) const;
  ulong natural(const std::string& name) const;
  double real(const std::string& name) const;
  string words(const std::string& name) const { return fromUtf8(text(name)); }
  bool has(const std::string& name) const { return fields.count(name) > 0; }
};
struct Answer {
  bool ok = false;
  int error = 0;
  std::vector<Row> rows;
  const Row& only() const;
};

/// True when a terminal's side is there; a script may run without.
bool hasHost();
const Answer& ask(const std::vector<std::string>& request);
/// The same answer until the next event or trade: what a program sees inside one handler.
const Answer& askOnce(const std::vector<std::string>& request);
void forgetAnswers();
void setError(int code);
/// Number of the event that is being handled; 0 before the first.
long eventNumber();
std::string numberText(double value);

}  // namespace mql5
