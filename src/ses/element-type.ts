/** ELEMENT TYPE of SES, as far as the code asks for one by name. */
export const ElementType = {
  deviceSlot: 0x01,
  enclosureServicesControllerElectronics: 0x07,
  scsiTargetPort: 0x14,
  scsiInitiatorPort: 0x15,
  arrayDeviceSlot: 0x17,
  sasExpander: 0x18,
} as const;
