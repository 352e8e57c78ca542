// A .cf from an operator's .mc file: m4 over the macro library (share/cf), and what the operator is told (issue 5, requirements B4, F1, G1).
// Messages read FILE:LINE: error|warning: TEXT; a name the library does not know is followed by the nearest one it does.
// The library is read, m4 is run through the door; nothing is written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cf/mc/m4.h"

namespace hky::cf::mc {

struct MadeCf {
  enum class Outcome { kMade, kFaults, kNoM4 };
  Outcome outcome = Outcome::kMade;
  std::string text;                   // the .cf; empty unless kMade
  std::vector<std::string> messages;  // in the order of the .mc file, warnings too
};

// `library` is the folder with m4/cf.m4, `mc` the operator's file as he named it.
MadeCf make_cf(const std::string& library, const std::string& mc, M4& m4);

// The first of `places` that holds a macro library, with a slash at its end; empty if none does.
std::string find_library(const std::vector<std::string>& places);

// The candidate nearest to `name`, empty where none is near enough to be meant (more than a third of its letters differ).
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace hky::cf::mc
