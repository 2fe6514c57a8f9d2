/// A certificate for `localhost`, signed by itself and trusted by nobody, with its key: for tests on this machine only.
enum TestCertificate {
    /// Good from 2020 to 2119.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBYjCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
        c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
        CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABByH5ZtBz+7ySxM8
        TBMwJO8W+cA/hBUaW9kn6OZBXl603dF7xeoXnb7ohs9sCdSezT5kQGCC2RH0F7s8
        y9BeyXqjSDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
        MB0GA1UdDgQWBBTSHXseOftO2aUXB9grpa4u9sqOjDAKBggqhkjOPQQDAgNJADBG
        AiEA/Bw697ggyCSv2leRDt1fWvYVgAzC4EuSIFjPLyuwLF0CIQDmbl7WAHKOXLRl
        nZAGCHkcA0LeIYVwoZZ2K0NYEsqGXw==
        -----END CERTIFICATE-----

        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOCvOzZ5vVcvnU7B0
        DFkKPWfILrRhLImzXPgJgRKzSkqhRANCAAQch+WbQc/u8ksTPEwTMCTvFvnAP4QV
        GlvZJ+jmQV5etN3Re8XqF52+6IbPbAnUns0+ZEBggtkR9Be7PMvQXsl6
        -----END PRIVATE KEY-----

        """
}
