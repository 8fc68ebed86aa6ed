# What lies under share/nbreplay beside the workers' Python files: the JSON Schemas of the result
# documents, and the IPython that comes along with environments that have none.
#
# The build tree links to both, so that nbreplay runs from there as from an installed prefix.
# scripts/prepare_ipython.sh makes the supply; without it nbreplay works where an environment has
# an IPython of its own.
set(NBREPLAY_IPYTHON_SUPPLY "${PROJECT_SOURCE_DIR}/.nbreplay/ipython" CACHE PATH
    "Folder with an IPython per minor, made by scripts/prepare_ipython.sh")

set(share "${PROJECT_BINARY_DIR}/share/nbreplay")
file(MAKE_DIRECTORY "${share}")
file(CREATE_LINK "${NBREPLAY_IPYTHON_SUPPLY}" "${share}/ipython" SYMBOLIC)
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/schemas" "${share}/schemas" SYMBOLIC)

install(DIRECTORY "${PROJECT_SOURCE_DIR}/schemas" DESTINATION "${CMAKE_INSTALL_DATADIR}/nbreplay"
  FILES_MATCHING PATTERN "*.schema.json")
install(DIRECTORY "${NBREPLAY_IPYTHON_SUPPLY}/" OPTIONAL
  DESTINATION "${CMAKE_INSTALL_DATADIR}/nbreplay/ipython" PATTERN "*.new" EXCLUDE)
