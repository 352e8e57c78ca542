// Systems without Landlock and seccomp: see confine.h. Capsicum's rights would be limited here.
#include "process/confine.h"

#ifndef __linux__
namespace hky::process {

Result<Confined> confine(const Confinement&) { return Confined{}; }

}  // namespace hky::process
#endif
