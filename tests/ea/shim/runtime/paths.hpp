// Where a program's files live: MQL5/Files of its terminal, or the folder common to all terminals.
#pragma once
#include "core.hpp"

namespace mql5 {
/// Path of a file of the sandbox, its folders made; empty when the name leads out of it.
std::string sandboxPath(const string& name, bool common);
}  // namespace mql5
