"""Who takes part: parties (主体), the keys they sign with, the people who sign in, and the trail.

Nouns: `parties` (organisations and natural persons), `keys` (one Ed25519 key per organisation),
`people` (sign-in accounts and their roles), `clients` (API tokens), `audit` (one row for every
attempted change). Beside them stand the rules that all of them share: `actor`, `roles`, `codes`,
`names`, and the two lists of the area, `refusals` and `entries`.

Invariants of the area:
- The log and every table in the clear hold no name, phone or identity number of a natural person;
  these lie sealed under the person's own subject key.
- History is never updated: a party changes by a further record that names the one it replaces.
- A private key or a token is never stored where it can be read: keys are sealed in the vault,
  tokens are kept as their SHA-256 only.
"""
