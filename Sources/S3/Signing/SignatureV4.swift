import Crypto
package import FoundationEssentials

/// AWS Signature Version 4: an HMAC-SHA256 over the canonical request, under a key derived for one day, region and service.
package struct SignatureV4: Sendable {
    package let credentials: S3Credentials
    package let region: String
    package let service: String

    package init(credentials: S3Credentials, region: String, service: String = "s3") {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// SHA-256 of no bytes, as the hash of an absent body.
    package static let emptyPayloadHash = hexadecimal(SHA256.hash(data: [UInt8]()))

    /// What `x-amz-content-sha256` says of a body.
    package static func payloadHash(of body: [UInt8]) -> String { hexadecimal(SHA256.hash(data: body)) }

    /// A point in time as `x-amz-date` has it: `20150830T123600Z`.
    package static func timestamp(_ date: Date) -> String {
        date.formatted(
            Date.ISO8601FormatStyle(
                dateSeparator: .omitted, dateTimeSeparator: .standard, timeSeparator: .omitted, timeZoneSeparator: .omitted,
                includingFractionalSeconds: false, timeZone: .gmt))
    }

    /// The value of the `Authorization` field.
    ///
    /// - Parameter date: the same as in the request's `x-amz-date`.
    package func authorization(for request: SignableRequest, at date: Date) -> String {
        let timestamp = Self.timestamp(date)
        let scope = "\(timestamp.prefix(8))/\(region)/\(service)/aws4_request"
        let digest = Self.hexadecimal(SHA256.hash(data: Array(request.canonicalText.utf8)))
        let signature = Self.hexadecimal(
            HMAC<SHA256>.authenticationCode(
                for: Array("AWS4-HMAC-SHA256\n\(timestamp)\n\(scope)\n\(digest)".utf8), using: key(day: String(timestamp.prefix(8)))))
        return """
            AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(request.signedHeaders), Signature=\(signature)
            """
    }

    private func key(day: String) -> SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))
        for part in [day, region, service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        return key
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
