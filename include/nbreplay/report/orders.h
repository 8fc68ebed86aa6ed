#pragma once

#include <string>
#include <vector>

#include "nbreplay/diagnosis/orders.h"
#include "nbreplay/report/terminal.h"

namespace nbreplay {

/// What `orders` shows a person about one notebook: the answer, the map as a matrix that fits into
/// 80 columns, and the orders tried; or what decides between two orders.
[[nodiscard]] std::string orders_text(const OrdersFinding& finding, const TextStyle& style);

/// The result document of `orders`.
[[nodiscard]] std::string orders_json(const std::vector<OrdersFinding>& findings, bool pretty);

}  // namespace nbreplay
