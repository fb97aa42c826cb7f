#!/bin/sh
# Prints the key-encryption key of a hospital: an HSM decrypts it, whose private key never leaves it.
#
#   SIPHMS_HOSPITAL_KEK="command:/etc/siphms/unwrap-kek.sh /etc/siphms/hsm"
#
# The folder (mode 0700) holds: module (the path of the PKCS#11 module), token (its label), pin (the user's), and
# kek.wrapped (32 random bytes, encrypted for the RSA key with the id 01: docs/operations/keys.md says how it is made).
# Needs Debian's package opensc.
set -eu
cd "$1"
PIN=$(cat pin)
export PIN
pkcs11-tool --module "$(cat module)" --token-label "$(cat token)" --login --pin env:PIN \
  --decrypt --id 01 --mechanism RSA-PKCS-OAEP --hash-algorithm SHA-1 --mgf MGF1-SHA1 \
  --input-file kek.wrapped | od -An -v -tx1 | tr -d ' \n'
