// MD5, which the manager's login and HTTP's digest authentication are made of. It protects nothing else here.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::providers::sip::ami {

// Lower-case hexadecimal.
std::string Md5Hex(std::string_view bytes);

// The Key of a login: of the server's challenge and the user's secret.
std::string LoginKey(std::string_view challenge, std::string_view secret);

}  // namespace trunkline::providers::sip::ami
