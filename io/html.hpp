#pragma once
#include <string>
#include <string_view>

namespace greenfront::io {

/// Text for an HTML page, in an element or in a quoted attribute: & < > " ' and control characters cannot
/// act. Bytes that are not UTF-8 become the replacement character.
[[nodiscard]] std::string html_text(std::string_view text);
/// RFC 4648, for data: addresses.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace greenfront::io
