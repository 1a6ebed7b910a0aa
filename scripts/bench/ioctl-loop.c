/* What a command costs a C program: the header is filled in and a cheap ioctl is made, as sg3_utils do for SG_IO.
 * ioctl-loop FIFO COUNT: prints nanoseconds per command. */
#include <fcntl.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

int main(int argc, char **argv) {
    static unsigned char data[4096], sense[64], cdb[10] = {0x3b, 0x0e};
    sg_io_hdr_t header;
    struct timespec start, end;
    int fd = argc == 3 ? open(argv[1], O_RDWR) : -1;
    long count = argc == 3 ? atol(argv[2]) : 0;
    if (fd < 0 || count < 1) return 1;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long sent = 0; sent < count; sent++) {
        memset(&header, 0, sizeof header);
        memset(sense, 0, sizeof sense);
        header.interface_id = 'S';
        header.dxfer_direction = SG_DXFER_TO_DEV;
        header.cmd_len = sizeof cdb;
        header.cmdp = cdb;
        header.mx_sb_len = sizeof sense;
        header.sbp = sense;
        header.dxfer_len = sizeof data;
        header.dxferp = data;
        header.timeout = 60000;
        header.pack_id = (int)sent;
        if (ioctl(fd, FIONREAD, &header) != 0) return 1;
        if (header.status != 0) return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.1f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / count);
    return 0;
}
