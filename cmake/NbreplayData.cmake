# What lies under share/nbreplay beside the workers' Python files: the JSON Schemas of the result
# documents, the IPython that comes along with environments that have none, the helper package, and
# the libraries that it needs.
#
# The build tree links to them, so that nbreplay runs from there as from an installed prefix.
# scripts/prepare_ipython.sh makes the supply of IPython; without it nbreplay works where an
# environment has one of its own. scripts/prepare_helper.sh makes the helper's libraries; without
# them nbreplay works in environments that are there already.
set(NBREPLAY_IPYTHON_SUPPLY "${PROJECT_SOURCE_DIR}/.nbreplay/ipython" CACHE PATH
    "Folder with an IPython per minor, made by scripts/prepare_ipython.sh")
set(NBREPLAY_HELPER_LIBRARIES "${PROJECT_SOURCE_DIR}/.nbreplay/helper" CACHE PATH
    "Folder with the helper package's libraries, made by scripts/prepare_helper.sh")

set(share "${PROJECT_BINARY_DIR}/share/nbreplay")
file(MAKE_DIRECTORY "${share}")
file(CREATE_LINK "${NBREPLAY_IPYTHON_SUPPLY}" "${share}/ipython" SYMBOLIC)
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/schemas" "${share}/schemas" SYMBOLIC)
file(CREATE_LINK "${NBREPLAY_HELPER_LIBRARIES}" "${share}/helper" SYMBOLIC)
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/python" "${share}/python" SYMBOLIC)

install(DIRECTORY "${PROJECT_SOURCE_DIR}/schemas" DESTINATION "${CMAKE_INSTALL_DATADIR}/nbreplay"
  FILES_MATCHING PATTERN "*.schema.json")
install(DIRECTORY "${NBREPLAY_IPYTHON_SUPPLY}/" OPTIONAL
  DESTINATION "${CMAKE_INSTALL_DATADIR}/nbreplay/ipython" PATTERN "*.new" EXCLUDE)
install(DIRECTORY "${NBREPLAY_HELPER_LIBRARIES}/" OPTIONAL USE_SOURCE_PERMISSIONS
  DESTINATION "${CMAKE_INSTALL_DATADIR}/nbreplay/helper" PATTERN "__pycache__" EXCLUDE)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/python/" DESTINATION "${CMAKE_INSTALL_DATADIR}/nbreplay/python"
  PATTERN "__pycache__" EXCLUDE)
