"""The words of the Core Business Vocabulary (CBV 2.0) and where each may stand.

In JSON a standard word stands bare (`shipping`); its full name is a web address that begins with
the vocabulary's stem (`https://ref.gs1.org/cbv/BizStep-shipping`), which may also be written with
a prefix (`cbv:BizStep-shipping`). Whoever needs a word of his own writes an address of his own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CBV = "https://ref.gs1.org/cbv/"
WEB_VOCABULARY = "https://gs1.org/voc/"


@dataclass(frozen=True)
class Vocabulary:
    """A list of standard words with the stem of their full names.

    `closed` lists refuse a bare word that they do not have. The kinds of measurement are open: the
    GS1 Web Vocabulary gains them without a new CBV.
    """

    name: str
    stem: str
    words: frozenset[str]
    closed: bool = True

    def full_name(self, word: str) -> str:
        """Give the web address of a standard word; any other text stays as it is."""
        return self.stem + word if word in self.words else word


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BIZ_STEP = Vocabulary(
    "bizStep",
    f"{CBV}BizStep-",
    _words(
        """
        accepting arriving assembling collecting commissioning consigning creating_class_instance
        cycle_counting decommissioning departing destroying disassembling dispensing encoding
        entering_exiting holding inspecting installing killing loading other packing picking
        receiving removing repackaging repairing replacing reserving retail_selling sampling
        sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
        unloading unpacking void_shipping
        """
    ),
)

DISPOSITION = Vocabulary(
    "disposition",
    f"{CBV}Disp-",
    _words(
        """
        active available completeness_inferred completeness_verified conformant container_closed
        container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit
        inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement
        no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved
        retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
        """
    ),
)

BIZ_TRANSACTION = Vocabulary(
    "bizTransaction",
    f"{CBV}BTT-",
    _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"),
)

SOURCE_DESTINATION = Vocabulary(
    "source and destination", f"{CBV}SDT-", _words("owning_party possessing_party location")
)

ERROR_REASON = Vocabulary("error reason", f"{CBV}ER-", _words("did_not_occur incorrect_data"))

COMPONENT = Vocabulary(
    "component",
    f"{CBV}Comp-",
    _words(
        """
        x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting
        northing latitude longitude altitude
        """
    ),
)

ALERT = Vocabulary("sensor alert", WEB_VOCABULARY, _words("ALARM_CONDITION ERROR_CONDITION"))

MEASUREMENT = Vocabulary(
    "measurement",
    WEB_VOCABULARY,
    _words(
        """
        AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
        AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity
        Area Capacitance Conductance Conductivity Count Density Dimensionless DoseEquivalent
        DoseEquivalentRate DynamicViscosity ElectricCharge ElectricCurrent ElectricCurrentDensity
        ElectricFieldStrength Energy Exposure Force Frequency Illuminance Inductance Irradiance
        KinematicViscosity Length LinearMomentum Luminance LuminousFlux LuminousIntensity
        MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration
        MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass
        MolarVolume Power Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity
        Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension
        Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux
        Wavenumber
        """
    ),
    closed=False,
)

ACTIONS = frozenset({"ADD", "OBSERVE", "DELETE"})

URN_STEMS: Mapping[str, str] = {
    "urn:epcglobal:cbv:bizstep:": BIZ_STEP.stem,
    "urn:epcglobal:cbv:disp:": DISPOSITION.stem,
    "urn:epcglobal:cbv:btt:": BIZ_TRANSACTION.stem,
    "urn:epcglobal:cbv:sdt:": SOURCE_DESTINATION.stem,
    "urn:epcglobal:cbv:er:": ERROR_REASON.stem,
}
"""How EPCIS 1.2 wrote standard words; the event hash still reads them (CBV 2.0, 8.9.2)."""
