#!/usr/bin/env bash
# The one way in: finds or installs what is missing, builds Seogi, and starts it or its tests.
set -euo pipefail

here=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
# A program that is built elsewhere does not find the models of this folder by itself.
[ -z "${CARGO_TARGET_DIR:-}" ] || export SEOGI_BUNDLED_MODELS=${SEOGI_BUNDLED_MODELS:-$root/assets/models}

usage() {
    cat <<'TEXT'
Usage: ./run.sh [WORD] [ARGUMENT…]

In containers, with nothing on this machine but Docker:

  cpu                  build and start database, Redis, API and worker, and say where the page is
  gpu                  the same with a worker on an NVIDIA GPU
  cpu|gpu WORD…        handed to docker compose: ./run.sh cpu down, ./run.sh cpu logs -f, ./run.sh gpu ps

Every other word first does the set-up: it checks Rust, the compilers and cmake, installs what is missing
where it may (as root, with sudo that asks for no password, or with brew), and builds the program.

  (no word)            start Seogi on http://127.0.0.1:8000; recordings, models and .env lie in this folder
  demo                 transcribe a bundled meeting with the bundled model, write its minutes, and leave no trace
  transcribe FILE…     transcribe your own recordings, here and now
  dev                  build without optimising, start Seogi, and the page with changes at once (Node.js 20.19 or newer)
  test                 check the formatting, lints, licences and documentation, and run every test
  any other word       handed to the program: ./run.sh doctor, ./run.sh models, ./run.sh help
  --help               this text

Arguments behind the word go to the program: ./run.sh serve --port 9000, ./run.sh transcribe --help
TEXT
}

say() { printf '» %s\n' "$*" >&2; }

fail() {
    printf 'run.sh: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command without its output, and shows the end of it if it fails.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    [ "$status" = 0 ] || tail -n 30 "$log" >&2
    rm -f "$log"
    return "$status"
}

# ---- what the machine must have -------------------------------------------------------------------

package_manager() {
    local name
    for name in apt-get dnf pacman brew; do
        if have "$name"; then
            echo "$name"
            return
        fi
    done
}

# The package that brings a program; $1 is the package manager.
package_of() {
    case "$1:$2" in
        apt-get:cc | apt-get:c++ | apt-get:make) echo build-essential ;;
        dnf:cc) echo gcc ;;
        dnf:c++) echo gcc-c++ ;;
        dnf:ffmpeg) echo ffmpeg-free ;;
        pacman:cc | pacman:c++ | pacman:make) echo base-devel ;;
        apt-get:mariadbd | dnf:mariadbd) echo mariadb-server ;;
        *:mariadbd) echo mariadb ;;
        apt-get:psql | pacman:psql) echo postgresql ;;
        dnf:psql) echo postgresql-server ;;
        brew:psql) echo postgresql@17 ;;
        dnf:redis-server | pacman:redis-server | brew:redis-server) echo redis ;;
        *) echo "$2" ;;
    esac
}

install_command() {
    case "$1" in
        apt-get) echo "apt-get install -y --no-install-recommends" ;;
        dnf) echo "dnf install -y" ;;
        pacman) echo "pacman -S --noconfirm --needed" ;;
        brew) echo "brew install" ;;
    esac
}

# Runs a package manager with the rights that it needs.
with_rights() {
    case "$1" in
        brew) "$@" ;;
        *) if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi ;;
    esac
}

may_install() {
    case "$1" in
        "") return 1 ;;
        brew) return 0 ;;
        *) [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; } ;;
    esac
}

# Makes sure that these programs are there: installs them, or says how to and ends.
need() {
    local program manager install missing=() packages=()
    for program in "$@"; do
        have "$program" || missing+=("$program")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    manager=$(package_manager)
    [ -n "$manager" ] || fail "please install ${missing[*]}, and start again"
    if [ "$manager" = brew ] && ! have cc; then fail "please run: xcode-select --install"; fi
    while IFS= read -r program; do
        packages+=("$program")
    done < <(for program in "${missing[@]}"; do package_of "$manager" "$program"; done | sort -u)
    install=$(install_command "$manager")
    may_install "$manager" || fail "${missing[*]} missing; please run: sudo $install ${packages[*]}"
    say "installing ${packages[*]} with $manager"
    export DEBIAN_FRONTEND=noninteractive
    if [ "$manager" = apt-get ]; then quietly with_rights apt-get update || true; fi
    # shellcheck disable=SC2086 # the command is words
    quietly with_rights $install "${packages[@]}" || fail "that failed; please run: sudo $install ${packages[*]}"
}

# Whether version $1 (1.95.0) is at least $2 (1.94).
at_least() {
    local major minor rest
    IFS=. read -r major minor rest <<<"$1"
    [ "$major" -gt "${2%%.*}" ] || { [ "$major" = "${2%%.*}" ] && [ "$minor" -ge "${2##*.}" ]; }
}

need_rust() {
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    have cargo || PATH="${CARGO_HOME:-${HOME:-}/.cargo}/bin:$PATH"
    if ! have cargo || ! have rustc; then
        fail "Rust $wanted or newer is missing; install it as https://rustup.rs says, and start again"
    fi
    found=$(rustc --version | cut -d ' ' -f 2)
    at_least "$found" "$wanted" || fail "Rust $found is too old, Seogi needs $wanted or newer; try: rustup update stable"
}

# ---- building -------------------------------------------------------------------------------------

# Runs a cargo command that builds, shows how far it is instead of its output, and leaves the path of the
# program that it built in $program.
program=
build() {
    local what=$1 line crates=0
    shift
    while IFS= read -r line; do
        case "$line" in
            *'"executable":"'*) program=${line#*'"executable":"'} program=${program%%'"'*} ;;
        esac
        case "$line" in
            *'"fresh":false'*)
                crates=$((crates + 1))
                if [ "$crates" = 1 ]; then say "$what"; fi
                if [ -t 2 ]; then
                    printf '\r  %d crates ' "$crates" >&2
                elif [ $((crates % 100)) = 0 ]; then
                    printf '  %d crates\n' "$crates" >&2
                fi
                ;;
            EXIT\ *)
                if [ -t 2 ] && [ "$crates" -gt 0 ]; then printf '\n' >&2; fi
                return "${line#EXIT }"
                ;;
        esac
    done < <(
        status=0
        cargo "$1" --quiet --message-format=json-render-diagnostics "${@:2}" || status=$?
        echo "EXIT $status"
    )
}

have_node() {
    local version
    version=$(node --version 2>/dev/null) && have npm && at_least "${version#v}" 20.19
}

# Builds the page if it is older than what it is made of.
page() {
    [ ! -f web/dist/index.html ] || [ -n "$(find web/src web/*.* -newer web/dist/index.html -print -quit)" ] ||
        return 0
    say "building the page"
    quietly npm --prefix web ci --include=dev && quietly npm --prefix web run build
}

set_up() {
    need_rust
    need cc c++ make cmake
    if ! have_node; then
        say "no page is built in: that takes Node.js 20.19 or newer; install it and start again to have one"
    elif ! page; then
        say "no page is built in: the lines above say why"
    fi
    build "building Seogi (the first time takes some minutes)" build --release --locked ||
        fail "the build failed; the lines above say why"
}

# Hands over to the program. It runs in this folder, where data, models and .env lie; the person's files lie
# where the person is.
seogi() {
    local word=$1 argument arguments=()
    shift
    for argument in "$@"; do
        if [ "$here" != "$root" ] && [ "${argument#/}" = "$argument" ] && [ -e "$here/$argument" ]; then
            argument=$here/$argument
        fi
        arguments+=("$argument")
    done
    exec "$program" "$word" ${arguments[@]+"${arguments[@]}"}
}

# The unoptimised program, and the page by Vite, which hands its requests to it. Words behind are `serve`'s.
dev() {
    local address=http://127.0.0.1:${PORT:-8000}
    need_rust
    need cc c++ make cmake
    have_node || fail "the page takes Node.js 20.19 or newer; install it and start again"
    [ -d web/node_modules ] || quietly npm --prefix web ci --include=dev || fail "the page's packages could not be installed"
    build "building Seogi unoptimised (the first time takes some minutes)" build --locked ||
        fail "the build failed; the lines above say why"
    "$program" serve --port "${PORT:-8000}" "$@" &
    # shellcheck disable=SC2064 # the process is known now
    trap "kill $! 2>/dev/null || true" EXIT
    SEOGI_URL=$address npm --prefix web run dev
}

demo() {
    local scratch
    scratch=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder is known now
    trap "rm -rf '$scratch'" EXIT
    DATABASE_URL='' REDIS_URL='' REDIS_HOST='' DB_HOST='' STT_MODEL_SIZE='' SEOGI_MODEL='' "$program" transcribe --diarize \
        --data "$scratch" --models "$scratch" "$@" assets/audio/meeting.ogg
}

# ---- containers -----------------------------------------------------------------------------------

# What .env says of a variable that is not set; nothing if it says nothing.
setting() {
    local value=${!1:-}
    if [ -z "$value" ] && [ -f .env ]; then value=$(sed -n "s/^$1=//p" .env | tail -n 1); fi
    value=${value%\"} value=${value#\"}
    echo "$value"
}

# Makes sure that form $1 (cpu or gpu) can be started here, or says why not.
need_docker() {
    have docker || fail "Docker is missing; install it as https://docs.docker.com/engine/install says, and start again"
    local version
    version=$(docker compose version --short 2>/dev/null) ||
        fail "Docker Compose is missing; install the package docker-compose-plugin, and start again"
    at_least "${version#v}" 2.24 ||
        fail "Docker Compose $version is too old, Seogi needs 2.24 or newer; update the package docker-compose-plugin"
    docker info >/dev/null 2>&1 ||
        fail "Docker's engine does not answer; start it (sudo systemctl start docker), or join the group docker"
    if [ "$1" = gpu ] && [[ $(docker info --format '{{json .}}') != *nvidia* ]]; then
        fail "Docker knows no NVIDIA GPU; install nvidia-container-toolkit and run: sudo nvidia-ctk runtime configure" \
            "--runtime=docker (then restart Docker), or start ./run.sh cpu"
    fi
    case "$(setting DB_TYPE)" in
        "" | mariadb | postgres) ;;
        *) fail "in containers DB_TYPE is mariadb or postgres; correct it in .env, or set DATABASE_URL" ;;
    esac
}

# A password for the database, which nobody has to know: kept in .env, where the next start finds it.
need_password() {
    [ -z "$(setting DB_PASSWORD)" ] || return 0
    say "making up a password for the database, in .env"
    (umask 077 && touch .env)
    [ -z "$(tail -c 1 .env)" ] || echo >>.env
    echo "DB_PASSWORD=$(od -An -N 16 -tx1 /dev/urandom | tr -d ' \n')" >>.env
}

# Starts form $1 in containers; or hands the words behind it to docker compose.
containers() {
    local form=$1 port compose
    shift
    port=$(setting PORT)
    need_docker "$form"
    need_password
    compose=(docker compose --file "docker-compose.$form.yml")
    if [ $# -gt 0 ]; then exec "${compose[@]}" "$@"; fi
    say "building the images (the first time takes some minutes)"
    "${compose[@]}" build || fail "the images could not be built; the lines above say why"
    say "starting"
    "${compose[@]}" up --detach --wait ||
        fail "not everything came up; ./run.sh $form logs says why, ./run.sh $form down stops the rest"
    echo "Seogi is ready on http://127.0.0.1:${port:-8000}"
}

# ---- tests ----------------------------------------------------------------------------------------

# Makes sure that cargo has a subcommand; built unoptimised, which is ready in a quarter of the time.
need_cargo() {
    local crate=$1 version=$2
    have "$crate" && return
    say "building $crate $version (once)"
    env -u CARGO_TARGET_DIR cargo install "$crate" --version "$version" --locked --debug --quiet \
        --config profile.dev.debug=false --root "$tools"
}

need_components() {
    if cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1; then return; fi
    say "adding rustfmt and clippy to Rust"
    if ! have rustup || ! quietly rustup component add rustfmt clippy; then
        fail "please install rustfmt and clippy for Rust, and start again"
    fi
}

# The page's own tests, those in a browser against the program that was just built.
page_tests() {
    need chromium
    say "the page"
    npm --prefix web run check
    npm --prefix web test
    SEOGI_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/seogi CHROMIUM=$(command -v chromium) npm --prefix web run e2e
}

# Whether the API answers as its description says, whatever it is asked.
description_tests() {
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        say "the API is not asked at random: that takes python3 with venv (Debian: python3-venv)"
        return
    fi
    say "the API's description"
    SEOGI_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/seogi TOOLS=$tools tests/schemathesis.sh 90
}

tests() {
    tools=${CARGO_TARGET_DIR:-$root/target}/tools
    PATH=$tools/bin:$PATH
    need_rust
    need_components
    PATH=$PATH:/usr/sbin # where Debian puts servers, but for one
    need cc c++ make cmake ffmpeg mariadbd redis-server
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || need psql
    need_cargo cargo-deny 0.20.2 || fail "cargo-deny could not be built; the lines above say why"

    if have_node; then page || fail "the page could not be built; the lines above say why"; fi
    say "formatting"
    cargo fmt --all --check || fail "the formatting is off; cargo fmt puts it right"
    build "lints" clippy --workspace --all-targets --locked -- -D warnings || fail "the lints found something"
    build "lints of the API alone" clippy --workspace --no-default-features --locked -- -D warnings ||
        fail "the program without its worker does not pass the lints"
    say "documentation"
    RUSTDOCFLAGS='-D warnings -A rustdoc::private-intra-doc-links' cargo doc --workspace --no-deps --document-private-items --locked --quiet ||
        fail "the documentation has faults; the lines above say which"
    say "licences and sources"
    cargo deny check licenses bans sources || fail "a dependency is not allowed; deny.toml says what is"
    build "building the tests" test --workspace --locked --no-run || fail "the tests do not build"
    if have_node; then page_tests; fi
    description_tests
    say "tests"
    if need_cargo cargo-nextest 0.9.143; then
        cargo nextest run --workspace --locked
        cargo test --doc --workspace --locked --quiet
    else
        say "cargo-nextest could not be built; cargo test does it too"
        cargo test --workspace --locked --quiet
    fi
}

# ---- the words ------------------------------------------------------------------------------------

word=${1:-serve}
shift $(($# > 0 ? 1 : 0))
case "$word" in
    -h | --help) usage ;;
    test) tests ;;
    dev) dev "$@" ;;
    cpu | gpu) containers "$word" "$@" ;;
    demo)
        set_up
        demo "$@"
        ;;
    -*)
        set_up
        seogi serve "$word" "$@"
        ;;
    *)
        set_up
        seogi "$word" "$@"
        ;;
esac
