#pragma once

// Messages as Python sees them: tuples of their fields, in the order of protocol/fields.h, as
// python/nbreplay_worker/wire.py and errors.py write them.

#include <pybind11/pybind11.h>

#include "nbreplay/protocol/fields.h"

namespace nbreplay::worker {

namespace py = pybind11;

/// Text as it may travel: surrogates, which UTF-8 cannot hold, become backslash escapes.
inline std::string to_text(py::handle value) {
  if (!PyUnicode_Check(value.ptr())) throw py::type_error("a str was expected");
  Py_ssize_t size = 0;
  if (const char* data = PyUnicode_AsUTF8AndSize(value.ptr(), &size)) {
    return {data, static_cast<std::size_t>(size)};
  }
  PyErr_Clear();
  PyObject* bytes = PyUnicode_AsEncodedString(value.ptr(), "utf-8", "backslashreplace");
  if (bytes == nullptr) throw py::error_already_set();
  return std::string(py::reinterpret_steal<py::bytes>(bytes));
}

/// The controller's text; surrogates of a notebook's JSON come as base/utf8.h tells.
inline py::object from_text(const std::string& text) {
  PyObject* value =
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogatepass");
  if (value == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(value);
}

class FromPython {
 public:
  template <class T>
  void load(py::handle from, T& to) {
    if constexpr (std::is_enum_v<T>) {
      to = static_cast<T>(from.cast<std::underlying_type_t<T>>());
    } else if constexpr (std::is_integral_v<T>) {
      to = from.cast<T>();
    } else {
      load_fields(from, fields(to));
    }
  }
  void load(py::handle from, std::string& to) { to = to_text(from); }
  template <class T>
  void load(py::handle from, std::vector<T>& to) {
    for (py::handle element : from) load(element, to.emplace_back());
  }
  template <class T>
  void load(py::handle from, std::optional<T>& to) {
    if (!from.is_none()) load(from, to.emplace());
  }

 private:
  template <class... T>
  void load_fields(py::handle from, std::tuple<T&...> to) {
    const auto values = py::reinterpret_borrow<py::sequence>(from);
    if (values.size() != sizeof...(T)) throw py::value_error("a message with missing fields");
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (load(values[I], std::get<I>(to)), ...);
    }
    (std::index_sequence_for<T...>());
  }
};

class ToPython {
 public:
  template <class T>
  py::object convert(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      return py::int_(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::is_same_v<T, bool>) {
      return py::bool_(value);
    } else if constexpr (std::is_integral_v<T>) {
      return py::int_(value);
    } else {
      return std::apply(
          [&](const auto&... field) -> py::object { return py::make_tuple(convert(field)...); },
          fields(value));
    }
  }
  py::object convert(const std::string& text) { return from_text(text); }
  template <class T>
  py::object convert(const std::vector<T>& list) {
    py::list converted;
    for (const T& element : list) converted.append(convert(element));
    return converted;
  }
  template <class T>
  py::object convert(const std::optional<T>& value) {
    return value ? convert(*value) : py::none();
  }
};

}  // namespace nbreplay::worker
