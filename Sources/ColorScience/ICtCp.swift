/// The constant-intensity representation of BT.2100 Table 7, for PQ.
package enum ICtCp {
    /// I, C_T, C_P of linear BT.2020 light in cd/m².
    package static func encode(_ light: Vector3) -> Vector3 {
        signalToICtCp * (lightToLMS * light).map(PQ.inverseEOTF)
    }

    /// Linear BT.2020 light in cd/m² of I, C_T, C_P.
    package static func decode(_ value: Vector3) -> Vector3 {
        lightToLMS.inverse * (signalToICtCp.inverse * value).map(PQ.eotf)
    }

    /// Color difference ΔE ITP of BT.2124 between two lights (linear BT.2020, cd/m²): 1 is about just noticeable.
    package static func difference(_ a: Vector3, _ b: Vector3) -> Double {
        let delta = encode(a) - encode(b)
        let t = 0.5 * delta.y
        return 720 * (delta.x * delta.x + t * t + delta.z * delta.z).squareRoot()
    }

    private static let lightToLMS = Matrix3(
        Vector3(1688.0 / 4096, 2146.0 / 4096, 262.0 / 4096), Vector3(683.0 / 4096, 2951.0 / 4096, 462.0 / 4096),
        Vector3(99.0 / 4096, 309.0 / 4096, 3688.0 / 4096))
    private static let signalToICtCp = Matrix3(
        Vector3(0.5, 0.5, 0), Vector3(6610.0 / 4096, -13613.0 / 4096, 7003.0 / 4096),
        Vector3(17933.0 / 4096, -17390.0 / 4096, -543.0 / 4096))
}
