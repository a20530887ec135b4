/// Transfer characteristics of a signal; raw values are the code points of ITU-T H.273 Table 3.
package enum TransferFunction: Int, Sendable, Codable, CaseIterable {
    case bt709 = 1
    /// Nothing is known.
    case unspecified = 2
    case gamma22 = 4
    case gamma28 = 5
    case smpte170M = 6
    case smpte240M = 7
    case linear = 8
    case logarithmic100 = 9
    case logarithmic316 = 10
    case iec61966Part24 = 11
    case bt1361 = 12
    case srgb = 13
    case bt2020TenBit = 14
    case bt2020TwelveBit = 15
    /// Perceptual quantizer, SMPTE ST 2084 and BT.2100 Table 4.
    case pq = 16
    case smpte428 = 17
    /// Hybrid log-gamma, ARIB STD-B67 and BT.2100 Table 5.
    case hlg = 18
}
