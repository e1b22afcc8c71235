"""Optional login through the agency's own identity provider (OpenID Connect), where `officer/oidc.toml` names one.

Code flow with PKCE, state and nonce.  An account must exist here, with its role: the provider says who somebody is, the
desk says what they may do.
"""
